/**
 * What one publishes, all subscribers get: the books of the tool against the count of the server. 100,000 deliveries a
 * second may be more than the machine can do, so the drain leaves time to come to their end.
 */
import { fanOut } from 'plimsoll';

/** Of the message with its stamp: about 100 bytes. */
const text = 'x'.repeat(60);

fanOut(
  'socket fan-out',
  { subscribers: 2000, publishers: 2, rate: 50, duration: '10s', settle: '3s', drain: '15s' },
  {
    connect: ({ ws }) => ws.connect('/subscribe'),
    connectPublisher: ({ ws }) => ws.connect('/publish'),
    publish: ({ socket, stamp }) => {
      socket.sendJson({ stamp, text });
    },
    receive: (message) => message.json<{ readonly stamp: string }>().stamp,
  },
);
