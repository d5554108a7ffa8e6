/** Who has it may look at the graph as somebody else. */
export const IMPERSONATE = 'user:impersonate:any';
