/**
 * What ends an attempt from outside. An AbortController is made only when a handler asks for the signal: for a small
 * job, it would cost more than all the rest.
 */
export class JobAbort {
  #controller: AbortController | undefined;
  #reason: Error | undefined;
  #listener: (() => void) | undefined;

  /** Why it was aborted; undefined while it was not. */
  get reason(): Error | undefined {
    return this.#reason;
  }

  /** For the handler. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** The first reason counts. */
  abort(reason: Error): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
    this.#listener?.();
  }

  /**
   * Settles as `work` does; but when it is aborted and `work` does not end within `graceMs` after that, rejects with the
   * reason, and what `work` does later is on its own.
   */
  endOf<T>(work: Promise<T>, graceMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      this.#listener = () => {
        timer = setTimeout(() => reject(this.#reason), graceMs);
      };
      if (this.#reason !== undefined) this.#listener();
      work.then(
        (value) => {
          clearTimeout(timer);
          resolve(value);
        },
        (error: unknown) => {
          clearTimeout(timer);
          reject(error);
        },
      );
    });
  }
}
