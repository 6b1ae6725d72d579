const padding = 0;

/** Reads the numbers of V8's serialisation one after the other, and never past the end. */
export class PlainReader {
  readonly bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  byte(): number {
    return this.bytes[this.at++] ?? this.#tooShort();
  }

  /** The tag that comes next, which stays there; V8 pads before long strings. */
  peek(): number {
    while (this.bytes[this.at] === padding) this.at++;
    return this.bytes[this.at] ?? this.#tooShort();
  }

  tag(): number {
    const found = this.peek();
    this.at++;
    return found;
  }

  /** A number of 32 bits, seven in a byte. */
  varint(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 28; factor *= 128) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128 && value < 2 ** 32) return value;
    }
    throw new Error(`a number at byte ${this.at} has more than 32 bits`);
  }

  skip(bytes: number): void {
    if (bytes > this.left) this.#tooShort();
    this.at += bytes;
  }

  #tooShort(): never {
    throw new Error('it is cut short');
  }
}
