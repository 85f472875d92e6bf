/** As much of a stream as progress needs. */
export type Screen = {readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown};

/** Where progress goes: a line that is redrawn on a terminal, a plain line now and then elsewhere. */
export class Progress {
  readonly #screen: Screen;
  readonly #clock: () => number;
  readonly #began: number;
  #shownAt: number;
  readonly #from: number;
  #drawn = false;

  /** `clock` counts milliseconds; `from` is what was done before. */
  constructor(screen: Screen, clock: () => number = () => performance.now(), from = 0) {
    this.#screen = screen;
    this.#clock = clock;
    this.#from = from;
    this.#began = clock();
    this.#shownAt = this.#began;
  }

  /** So much of the whole is done, a number in [0, 1]. Shows nothing during the first moments. */
  show(done: number, what: string): void {
    const now = this.#clock();
    const {isTTY = false, columns} = this.#screen;
    if (now - this.#shownAt < (isTTY ? 200 : 10_000) || done >= 1) return;
    this.#shownAt = now;
    const line = `${what}   ${Math.floor(done * 100)} %${this.#remaining(done, now)}`;
    this.#screen.write(isTTY ? `\r\x1b[2K${line.slice(0, (columns || 80) - 1)}` : `${line}\n`);
    this.#drawn = true;
  }

  /** Takes the line away again. */
  end(): void {
    if (this.#drawn && this.#screen.isTTY) this.#screen.write('\r\x1b[2K');
  }

  #remaining(done: number, now: number): string {
    const own = done - this.#from;
    if (own < 0.02 * (1 - this.#from)) return '';
    const left = ((now - this.#began) / own) * (1 - done);
    return `, about ${left < 100_000 ? `${Math.ceil(left / 1000)} s` : `${Math.ceil(left / 60_000)} min`} left`;
  }
}
