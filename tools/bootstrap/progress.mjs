import process from 'node:process';

/** Anything shorter needs no explanation. */
const LONG_MS = 2000;
const FRAMES = ['|', '/', '-', '\\'];

/**
 * Tells a person at `stream` what takes its time: a line that turns on a terminal, a line each at its start and end
 * elsewhere. Nothing is shown for what takes less than two seconds.
 */
export function createProgress(stream) {
  const terminal = stream.isTTY === true && process.env.TERM !== 'dumb' && process.env.CI === undefined;
  const color = stream.isTTY === true && (process.env.NO_COLOR ?? '') === '' && process.env.TERM !== 'dumb';
  const paint = (code, text) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  const clear = () => {
    if (terminal) stream.write('\r\u001b[K');
  };

  /** Runs `work({ update })`, where `update` changes the text that is shown. */
  async function during(text, work) {
    const startedAt = performance.now();
    const seconds = () => Math.round((performance.now() - startedAt) / 1000);
    let current = text;
    let frame = 0;
    let announced = false;
    const timer = setInterval(
      () => {
        if (terminal) {
          const width = Math.max(20, (stream.columns || 80) - 12);
          if (performance.now() - startedAt > 400)
            stream.write(`\r\u001b[K ${FRAMES[frame++ % 4]} ${current.slice(0, width)} ${paint(2, `${seconds()} s`)}`);
        } else if (!announced && performance.now() - startedAt > LONG_MS) {
          announced = true;
          stream.write(`${current} ...\n`);
        }
      },
      terminal ? 100 : 250,
    );
    try {
      const result = await work({ update: (next) => (current = next) });
      clear();
      if (performance.now() - startedAt > LONG_MS) stream.write(`${text}: ${seconds()} s\n`);
      return result;
    } finally {
      clearInterval(timer);
      clear();
    }
  }

  return {
    during,
    clear,
    line: (text) => {
      clear();
      stream.write(`${text}\n`);
    },
    fail: (message, advice = []) => {
      clear();
      stream.write(`\n${paint('1;31', 'Cannot go on:')} ${message}\n${advice.map((line) => `  ${line}\n`).join('')}\n`);
    },
    /** Whether a fast line replaces the one before it. */
    terminal,
  };
}
