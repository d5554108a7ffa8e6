/** Lets one loop sleep until there is something to do. */
export interface WakeUp {
  /** Ends the sleep, or makes the next one return at once. */
  wake(): void;
  /** Resolves after `wake` or after `milliseconds`. For one loop at a time. */
  sleep(milliseconds: number): Promise<void>;
}

/** A wake-up that nobody has called yet. */
export function createWakeUp(): WakeUp {
  let called = false;
  let end: (() => void) | undefined;
  return {
    wake() {
      called = true;
      end?.();
    },
    async sleep(milliseconds) {
      if (!called) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, milliseconds);
          end = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        end = undefined;
      }
      called = false;
    },
  };
}
