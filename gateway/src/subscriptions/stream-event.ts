/** Turns the text of a result into the part of a message that is equal for all clients of a transport. */
export type Encode = (text: string) => Buffer;

/** What a client is told about events that it did not get, under `extensions` of the next one. */
export interface Marks {
  /** The stream's subgraph was lost for a while: what happened meanwhile is unknown. */
  readonly gap?: true;
  /** So many events before this one were dropped, because the client did not take them in time. */
  readonly dropped?: number;
}

/** One result on its way to every client of a stream. What the clients have in common is encoded once. */
export interface StreamEvent {
  /** The result as JSON text, without marks. */
  readonly result: string;
  /** The result as clients get it. */
  readonly text: string;
  /** Made on first use, then shared. */
  bytes(encode: Encode): Buffer;
  /** The same result for a client that missed `dropped` events before it. */
  after(dropped: number): StreamEvent;
}

/** `text` is the JSON text of a result without `extensions`. */
export function createStreamEvent(text: string, marks: Marks = {}): StreamEvent {
  const marked = withMarks(text, marks);
  const encoded = new Map<Encode, Buffer>();
  return {
    result: text,
    text: marked,
    bytes: (encode) => {
      const known = encoded.get(encode);
      if (known !== undefined) return known;
      const bytes = encode(marked);
      encoded.set(encode, bytes);
      return bytes;
    },
    after: (dropped) => createStreamEvent(text, { ...marks, dropped }),
  };
}

function withMarks(text: string, marks: Marks): string {
  if (marks.gap === undefined && marks.dropped === undefined) return text;
  return `${text.slice(0, -1)},"extensions":${JSON.stringify(marks)}}`;
}
