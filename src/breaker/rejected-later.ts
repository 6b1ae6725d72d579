const now = Promise.resolve();

/**
 * Rejects with the next microtask, when whoever awaits it does so already. Of a promise that is rejected while nobody awaits it, as by
 * a throw in an async function, Node keeps a record, and strikes it off when somebody does: that is most of what a rejection takes.
 */
export function rejectedLater(error: Error): Promise<never> {
  return new Promise((_, reject) => {
    void now.then(() => {
      reject(error);
    });
  });
}
