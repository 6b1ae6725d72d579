// @ts-check
// The browser's side of a report: draws each curve into its place. What it draws is in the element "charts", as JSON.

/** @typedef {import('../html/chart.ts').ChartData} ChartData */

(() => {
  /** Milliseconds between two labels of a time axis. */
  const timeSteps = [
    ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
    ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * 1e3),
    ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * 6e4),
    ...[1, 2, 3, 6, 12, 24, 48, 120, 240, 720, 2400].map((hours) => hours * 3.6e6),
  ];
  const epochSteps = [1, 2, 5].flatMap((digit) => [0, 1, 2, 3, 4, 5, 6].map((power) => digit * 10 ** power));
  epochSteps.sort((one, other) => one - other);
  /** The timeline below the curve of the steps has the same gutters: see report-page.css. */
  const gutterPx = 60;
  const rightPx = 16;

  /** @type {readonly ChartData[]} */
  const charts = JSON.parse(document.getElementById('charts')?.textContent ?? '[]');

  /** @param {number | null | undefined} value */
  function figure(value) {
    if (value === null || value === undefined) return '–';
    if (Number.isInteger(value)) return String(value);
    return Math.abs(value) >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(4)));
  }

  /**
   * @param {number} ms
   * @param {number} stepMs how fine it is to be told
   */
  function elapsed(ms, stepMs) {
    if (ms === 0) return '0';
    if (stepMs < 1e3) return `${Number((ms / 1e3).toFixed(3))} s`;
    const seconds = Math.round(ms / 1e3);
    const two = (/** @type {number} */ number) => String(number).padStart(2, '0');
    if (stepMs < 6e4) {
      if (seconds < 60) return `${seconds} s`;
      const minutes = Math.floor(seconds / 60);
      if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
      return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
    }
    const minutes = Math.round(seconds / 60);
    if (stepMs < 3.6e6) return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)}:${two(minutes % 60)} h`;
    return `${Math.round(minutes / 60)} h`;
  }

  /** @param {string} name of a colour in the style sheet */
  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  /**
   * Draws one.
   *
   * @param {HTMLElement} figureElement
   * @param {ChartData} chart
   * @returns {import('uplot')} the plot
   */
  function draw(figureElement, chart) {
    const { x, y, low, high, limit, axis, from, to, fromZero, unit, heightPx } = chart;
    const plot = /** @type {HTMLElement} */ (figureElement.querySelector('.plot'));
    const reading = /** @type {HTMLElement} */ (figureElement.querySelector('.reading'));
    plot.replaceChildren();
    const isTime = axis === 'elapsed';
    const least = from ?? Math.min(...x);
    const most = to ?? Math.max(...x);
    const finestMs = most - least >= 1e4 ? 1e3 : 1;

    /** @param {number} place */
    const readingOf = (place) => {
      const interval = low && high ? ` [${figure(low[place])} to ${figure(high[place])}]` : '';
      const where = isTime ? elapsed(x[place] ?? 0, finestMs) : `epoch ${x[place] ?? ''}`;
      return `${figure(y[place])}${interval}${unit === '' ? '' : ` ${unit}`} · ${where}`;
    };
    const last = y.findLastIndex((value) => value !== null);
    const atRest = last === -1 ? '' : readingOf(last);
    reading.textContent = atRest;

    const line = { stroke: colour('--accent'), width: 1.75, spanGaps: false };
    const hidden = { stroke: 'transparent', width: 0, points: { show: false } };
    const grid = { stroke: colour('--grid'), width: 1 };
    const ink = { stroke: colour('--muted'), font: '12px system-ui, sans-serif', grid, ticks: { show: false } };
    /** @type {(number | null)[][]} */
    const columns = [[...x], [...y]];
    /** @type {import('uplot').Series[]} */
    const series = [{}, { ...line, points: { show: x.length <= 60, size: 5, fill: line.stroke } }];
    /** @type {import('uplot').Band[]} */
    const bands = [];
    if (low && high) {
      columns.push([...high], [...low]);
      series.push(hidden, hidden);
      bands.push({ series: [2, 3], fill: colour('--band') });
    }
    if (limit !== undefined) {
      columns.push(x.map(() => limit));
      series.push({ stroke: colour('--bad'), width: 1.5, dash: [6, 4], points: { show: false } });
    }

    return new uPlot(
      {
        width: Math.max(200, plot.clientWidth),
        height: heightPx,
        padding: [8, rightPx, 0, 0],
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, y: false, points: { size: 7 } },
        scales: {
          x: { time: false, range: least < most ? () => [least, most] : () => [least - 1, most + 1] },
          ...(fromZero === true ? { y: { range: (_, __, greatest) => [0, (greatest || 1) * 1.1] } } : {}),
        },
        axes: [
          isTime
            ? {
                ...ink,
                size: 28,
                space: 70,
                incrs: timeSteps,
                values: (_, splits, __, ___, stepMs) => splits.map((ms) => elapsed(ms, stepMs)),
              }
            : { ...ink, size: 28, space: 48, incrs: epochSteps },
          { ...ink, size: gutterPx, space: 34, values: (_, splits) => splits.map(axisFigure) },
        ],
        series,
        bands,
        hooks: {
          setCursor: [
            (drawn) => {
              const place = drawn.cursor.idx;
              reading.textContent = typeof place === 'number' ? readingOf(place) : atRest;
            },
          ],
        },
      },
      /** @type {import('uplot').AlignedData} */ (columns),
      plot,
    );
  }

  /** As short as a gutter is wide. @param {number} value */
  function axisFigure(value) {
    const text = String(Number(value.toPrecision(6)));
    return text.length <= 7 ? text : value.toExponential(2).replace(/\.?0*e\+?/, 'e');
  }

  /** @type {Map<HTMLElement, import('uplot')>} */
  const drawn = new Map();
  const elements = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('[data-chart]')]);
  const drawAll = () => {
    for (const element of elements) {
      const chart = charts[Number(element.dataset.chart)];
      if (chart === undefined) continue;
      drawn.get(element)?.destroy();
      drawn.set(element, draw(element, chart));
    }
  };
  drawAll();

  const resized = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      const plot = drawn.get(/** @type {HTMLElement} */ (target.parentElement));
      if (plot !== undefined && contentRect.width > 0 && Math.round(contentRect.width) !== plot.width)
        plot.setSize({ width: Math.round(contentRect.width), height: plot.height });
    }
  });
  for (const element of elements) {
    const plot = element.querySelector('.plot');
    if (plot !== null) resized.observe(plot);
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
})();
