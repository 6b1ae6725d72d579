// What the drill has loaded in the place of an evaluator: a module that is never done with loading.
for (;;);
export {};
