/** The ways to a session of Engine.IO that a test can choose from. */
import { TestFileError } from '../../../kernel/errors.ts';
import type { IoTransport } from '../../../model/socket-io.ts';
import type { WebSocketUser } from '../../../protocol/websocket/web-socket.ts';
import type { Carrier } from '../sockets/carrier.ts';
import { PollingConnection } from './polling-connection.ts';
import { UpgradingConnection } from './upgrading-connection.ts';
import { openWebSocket, type Way } from '../sockets/web-socket-way.ts';

export type Connect = (way: Way, user: WebSocketUser) => Carrier;

const ways: Readonly<Record<string, Connect>> = {
  websocket: (way, user) => openWebSocket(way, user, { transport: 'websocket' }),
  polling: (way, user) => new PollingConnection(way, user),
  'polling websocket': (way, user) => new UpgradingConnection(way, user),
};

/** Errors: TestFileError. */
export function connectOf(transports: readonly IoTransport[] = ['websocket']): Connect {
  const connect = ways[transports.join(' ')];
  if (connect !== undefined) return connect;
  throw new TestFileError(`io.connect has no transports [${transports.join(', ')}]`, {
    hint: "give ['websocket'], ['polling'], or ['polling', 'websocket'] to begin with the one and go on with the other",
  });
}
