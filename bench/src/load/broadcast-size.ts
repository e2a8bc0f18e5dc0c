/** How much is broadcast to how many. */
export const broadcastSize = {
  clients: 100,
  /** Of the clients: those who hear of everything. */
  listenToAll: 10,
  /** Each is cancelled, which is the message that is followed; until then it makes progress, which is told, too. */
  sessions: 200,
  /** For how long sessions are cancelled. */
  seconds: 5,
  /** Every other client listens to the sessions of one group. */
  groups: 20,
  /** Between two tellings of a session's progress. Five come at least: none ends by itself before it is cancelled. */
  stepMs: 2000,
} as const;
