/** Where progress goes: a line that is redrawn on a terminal, a plain line now and then elsewhere. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #began = performance.now();
  #shownAt = performance.now();
  #drawn = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** So much of the whole is done, a number in [0, 1]. Shows nothing during the first moments. */
  show(done: number, what: string): void {
    const now = performance.now();
    const interval = this.#stream.isTTY ? 200 : 10_000;
    if (now - this.#shownAt < interval || done >= 1) return;
    this.#shownAt = now;
    const line = `${what}   ${Math.floor(done * 100)} %${this.#remaining(done, now)}`;
    this.#stream.write(this.#stream.isTTY ? `\r\x1b[2K${line}` : `${line}\n`);
    this.#drawn = true;
  }

  /** Takes the line away again. */
  end(): void {
    if (this.#drawn && this.#stream.isTTY) this.#stream.write('\r\x1b[2K');
  }

  #remaining(done: number, now: number): string {
    const passed = (now - this.#began) / 1000;
    if (done < 0.02) return '';
    return `, about ${Math.ceil((passed / done) * (1 - done))} s left`;
  }
}
