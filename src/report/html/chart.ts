import { markup, type Content, type Markup } from './markup.ts';

/** What the page's script draws: columns of one length. */
export interface ChartData {
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
  /** The ends of the intervals about `y`. */
  readonly low?: readonly (number | null)[];
  readonly high?: readonly (number | null)[];
  /** A line across. */
  readonly limit?: number;
  /** What `x` is: the number of an epoch, or milliseconds. */
  readonly axis: 'epoch' | 'elapsed';
  /** The ends of the axis, where they are not those of `x`. */
  readonly from?: number;
  readonly to?: number;
  /** Whether the axis of `y` begins at 0; otherwise it is as near to the values as can be. */
  readonly fromZero?: boolean;
  readonly unit: string;
  readonly heightPx: number;
}

/** Collects what the script is to draw, and gives each its place on the page. */
export class Charts {
  readonly #data: ChartData[] = [];

  get data(): readonly ChartData[] {
    return this.#data;
  }

  /** @param words what the curve says, for those who do not see it */
  add(title: Content, words: string, data: ChartData): Markup {
    const place = this.#data.push(data) - 1;
    return markup`<figure class="chart" data-chart="${place}">
<figcaption><span class="title">${title}</span> <span class="reading"></span></figcaption>
<div class="plot" role="img" aria-label="${words}"></div>
</figure>`;
  }
}
