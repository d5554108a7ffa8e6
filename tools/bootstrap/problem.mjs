/** What a person has to put right: what happened, and lines that say what to do. */
export class Problem extends Error {
  name = 'Problem';

  constructor(message, advice = []) {
    super(message);
    this.advice = advice;
  }
}
