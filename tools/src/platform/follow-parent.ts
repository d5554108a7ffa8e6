/**
 * Loaded before a service's own code (`node --import`): a service whose launcher goes away while the service is still
 * loading would miss the event that tells it so. The service itself stops in order on `disconnect`; this ends it when
 * it has not done so in time.
 */
const PATIENCE_MS = 3_000;

process.once('disconnect', () => {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), PATIENCE_MS).unref();
});
