/** An event of an event stream: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation */
export interface ServerSentEvent {
  /** `message` when the stream does not say. */
  readonly type: string;
  readonly data: string;
}

/**
 * Reads an event stream chunk by chunk; `push` returns the events that became complete. Throws when an event is longer
 * than `limit` characters.
 */
export function createEventStreamParser(limit: number): { push(chunk: Uint8Array): readonly ServerSentEvent[] } {
  const decoder = new TextDecoder();
  let rest = '';
  let type = '';
  let data: string[] = [];
  let size = 0;
  let wasReturn = false;

  const readLine = (line: string): ServerSentEvent | undefined => {
    if (line === '') {
      const event = data.length === 0 ? undefined : { type: type || 'message', data: data.join('\n') };
      type = '';
      data = [];
      size = 0;
      return event;
    }
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'event') type = value;
    if (name === 'data') {
      size += value.length;
      data.push(value);
    }
    return undefined;
  };

  return {
    push: (chunk) => {
      const text = decoder.decode(chunk, { stream: true });
      const events: ServerSentEvent[] = [];
      rest += text;
      // A long line comes in many chunks, and is looked through once.
      const hasLineEnd = text.includes('\n') || text.includes('\r') || wasReturn;
      wasReturn = text.endsWith('\r');
      // A carriage return at the end may be the first half of a line's end.
      const lines = hasLineEnd ? rest.split(/\r\n|\n|\r(?!$)/) : [rest];
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const event = readLine(line);
        if (event !== undefined) events.push(event);
      }
      if (size + rest.length > limit) throw new Error(`an event is longer than ${limit} characters`);
      return events;
    },
  };
}
