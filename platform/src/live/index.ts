export { createLiveChannel, SlowSubscriberError } from './live-channel.js';
export type { LiveChannel } from './live-channel.js';
