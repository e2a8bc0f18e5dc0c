/** One subscriber: connects when it is due, joins its rooms, listens to the end, and comes back where that is asked for. */
import type { TimerHandle } from '../../../kernel/clock.ts';
import type { AnyConnection, SubscriberContext } from '../../../model/fan-out.ts';
import type { IoEvent } from '../../../model/socket-io.ts';
import type { SocketMessage } from '../../../model/socket.ts';
import type { TestContext } from '../../../model/suite.ts';
import { SocketFault } from '../ws/socket-fault.ts';
import { backoffMs } from './backoff.ts';
import { onceClosed, onEachMessage } from './connection.ts';
import { endMs, stormMs, type FanOutField } from './field.ts';
import { roleContext } from './role-context.ts';

type HowItEnded = 'over' | 'cut' | 'lost';

export class SubscriberLife {
  readonly #field: FanOutField;
  readonly #context: SubscriberContext<unknown>;
  readonly #index: number;
  readonly #rooms: readonly number[];
  readonly #endMs: number;
  #stormMs: number;
  /** Its connection went, and it has not been back since. */
  #isAway = false;
  #failures = 0;

  constructor(field: FanOutField, context: TestContext, index: number) {
    this.#field = field;
    this.#index = index;
    this.#rooms = field.joins(index, field.plan.rooms);
    this.#context = roleContext(context, { subscriber: { index, rooms: this.#rooms } });
    this.#endMs = endMs(field);
    this.#stormMs = stormMs(field, index);
  }

  /** Errors: what the roles throw. */
  async run(): Promise<void> {
    const { plan, startMs, clock } = this.#field;
    const waitMs = startMs + (plan.connectOverMs * this.#index) / plan.subscribers - clock.now();
    if (waitMs > 0) await this.#context.sleep(waitMs);
    while (!this.#isOver()) {
      const connection = await this.#connect();
      if (connection?.ok === true) {
        const how = await this.#stay(connection);
        if (how === 'over') return;
        this.#isAway = true;
      }
      if (!(await this.#waitForNext())) return;
    }
  }

  #isOver(): boolean {
    return this.#field.life.over || this.#field.clock.now() >= this.#endMs;
  }

  async #connect(): Promise<AnyConnection | undefined> {
    const { roles, plan, deliveries } = this.#field;
    if (this.#isAway) deliveries.returning(this.#index, 'attempt');
    try {
      return await roles.connect(this.#context);
    } catch (error) {
      // A refusal is in the books as such; whoever comes back tries again.
      if (error instanceof SocketFault && plan.reconnect !== undefined) return undefined;
      throw error;
    }
  }

  /** false: there is no next attempt. */
  async #waitForNext(): Promise<boolean> {
    const { reconnect } = this.#field.plan;
    if (reconnect === undefined) return false;
    const waitMs = backoffMs(reconnect, this.#failures++, this.#context.random.number());
    const leftMs = this.#endMs - this.#field.clock.now();
    if (leftMs <= waitMs) return false;
    await this.#context.sleep(waitMs);
    return true;
  }

  async #stay(connection: AnyConnection): Promise<HowItEnded> {
    const { deliveries } = this.#field;
    const { ended, silence } = this.#listen(connection);
    await Promise.race([ended, this.#joinAll(connection)]);
    const how = await ended;
    silence();
    deliveries.change(this.#index, this.#rooms, how === 'over' ? 'left' : how);
    if (how === 'over') await connection.close();
    else if (how === 'cut') this.#tear(connection);
    return how;
  }

  #listen(connection: AnyConnection): { readonly ended: Promise<HowItEnded>; readonly silence: () => void } {
    const { clock, roles, deliveries } = this.#field;
    const context = { data: this.#context.data, subscriber: this.#context.subscriber };
    const undo: (() => void)[] = [];
    undo.push(
      onEachMessage(connection, (message: SocketMessage | IoEvent) => {
        deliveries.received(this.#index, roles.receive(message, context), message.receivedMs);
      }),
    );
    const ended = new Promise<HowItEnded>((resolve) => {
      undo.push(
        onceClosed(connection, () => {
          resolve('lost');
        }),
      );
      const at = (atMs: number, how: HowItEnded): TimerHandle =>
        clock.after(Math.max(0, atMs - clock.now()), () => {
          resolve(how);
        });
      const timers = [at(this.#endMs, 'over')];
      if (this.#stormMs !== Infinity) timers.push(at(this.#stormMs, 'cut'));
      undo.push(() => {
        for (const timer of timers) timer.cancel();
      });
    });
    return {
      ended,
      silence: () => {
        for (const each of undo) each();
      },
    };
  }

  /** Rooms count as joined when the role that joins them resolves; without one, at once. */
  async #joinAll(connection: AnyConnection): Promise<void> {
    const { join, joinAll } = this.#field.roles;
    const { subscriber } = this.#context;
    const context = <Extra extends object>(extra: Extra) =>
      roleContext(this.#context, { subscriber, socket: connection, ...extra });
    if (joinAll !== undefined) {
      const rooms = this.#rooms;
      if (!(await this.#join(connection, rooms, () => joinAll(context({ rooms }))))) return;
    } else if (join !== undefined) {
      let joined = 0;
      for (const room of this.#rooms) {
        if (await this.#join(connection, [room], () => join(context({ room })))) joined++;
      }
      if (joined < this.#rooms.length) return;
    } else {
      this.#field.deliveries.change(this.#index, this.#rooms, 'requested');
      this.#field.deliveries.change(this.#index, this.#rooms, 'joined');
    }
    this.#arrivedBack();
  }

  /** One request of the series 'join'. false: it did not come to be acknowledged. */
  async #join(connection: AnyConnection, rooms: readonly number[], join: () => Promise<unknown>): Promise<boolean> {
    if (!connection.isOpen) return false;
    const { deliveries } = this.#field;
    deliveries.change(this.#index, rooms, 'requested');
    let isJoined = false;
    await connection.step('join', async () => {
      await join();
      deliveries.change(this.#index, rooms, 'joined');
      isJoined = true;
    });
    return isJoined;
  }

  #arrivedBack(): void {
    this.#failures = 0;
    if (!this.#isAway) return;
    this.#isAway = false;
    this.#field.deliveries.returning(this.#index, 'back');
  }

  /** Once: the storm does not come again. */
  #tear(connection: AnyConnection): void {
    const { how } = this.#field.plan.storm!;
    this.#stormMs = Infinity;
    if (how === 'silence') connection.silence();
    else if (how === 'reset') connection.terminate('reset');
    else void connection.close();
  }
}
