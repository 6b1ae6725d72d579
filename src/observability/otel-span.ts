import {
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api';
import type { Attempt } from './attempt.ts';
import { cut } from './otel-attributes.ts';

export interface OtelSpanOptions {
  readonly name: string;
  /** Wall-clock milliseconds. */
  readonly at: number;
  readonly attributes: Attributes;
  readonly parent: Context;
  /** A span that this one has to do with, and is no part of. */
  readonly link?: OtelSpan | undefined;
}

/** A span that cannot hurt: where it could not be made, or a call of it throws, a loss is counted and the rest goes on. */
export class OtelSpan {
  readonly #attempt: Attempt;
  readonly #span: Span | undefined;
  /** Which span it is; `undefined` where there is none. */
  readonly id: SpanContext | undefined;
  /** What its children have as their parent. */
  readonly context: Context;

  constructor(tracer: Tracer | undefined, attempt: Attempt, { name, at, attributes, parent, link }: OtelSpanOptions) {
    this.#attempt = attempt;
    const links = link?.id === undefined ? [] : [{ context: link.id }];
    const span = attempt(() => tracer?.startSpan(name, { startTime: timeOf(at), attributes, links }, parent));
    this.#span = span;
    this.id = attempt(() => span?.spanContext());
    // A child of a span that cannot say which it is could not be made.
    this.context = span === undefined || this.id === undefined ? parent : trace.setSpan(parent, span);
  }

  /** @param attributes looks at what a user has told, which may throw */
  set(attributes: () => Attributes): void {
    this.#attempt(() => this.#span?.setAttributes(attributes()));
  }

  tell(name: string, attributes: () => Attributes, at: number): void {
    this.#attempt(() => this.#span?.addEvent(name, attributes(), timeOf(at)));
  }

  /** Says that what it is about has failed. */
  fail(message: string): void {
    this.#attempt(() => this.#span?.setStatus({ code: SpanStatusCode.ERROR, message: cut(message) }));
  }

  end(at: number): void {
    this.#attempt(() => {
      this.#span?.end(timeOf(at));
    });
  }
}

/** A small number would be read as one of `performance.now()`. */
function timeOf(at: number): Date {
  return new Date(at);
}
