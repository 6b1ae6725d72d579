// What the scripts before it leave on the page.
declare const uPlot: typeof import('uplot');
