export { createLiveChannel, SlowSubscriberError } from './live-channel.js';
export type { LiveChannel } from './live-channel.js';
export { createLivePoll } from './live-poll.js';
export type { LiveNews, LivePoll } from './live-poll.js';
