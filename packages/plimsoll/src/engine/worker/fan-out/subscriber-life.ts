/** One subscriber: connects when it is due, joins its rooms, listens to the end, and comes back where that is asked for. */
import type { TimerHandle } from '../../../kernel/clock.ts';
import type { AnyConnection, SubscriberContext } from '../../../model/fan-out.ts';
import type { TestContext } from '../../../model/suite.ts';
import { backOffMs } from '../../back-off.ts';
import { SocketFault } from '../sockets/socket-fault.ts';
import { assertStaysGone, onceClosed, onEachMessage } from './connection.ts';
import { endMs, stormMs, type FanOutField } from './field.ts';
import { isRefusal, reasonOf } from './refusal.ts';
import { roleContext } from './role-context.ts';
import { Stay, type HowItEnded } from './stay.ts';

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
    const dueMs = startMs + (plan.connectOverMs * this.#index) / plan.subscribers;
    // Read once: it goes on between two readings, and nobody can sleep for less than nothing.
    const waitMs = dueMs - clock.now();
    if (waitMs > 0) await this.#context.sleep(waitMs);
    while (!this.#isOver()) {
      const connection = await this.#connect();
      if (connection?.ok === true) {
        const how = await this.#stay(connection);
        if (how === 'over') return;
        if (how !== 'unjoined') this.#isAway = true;
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
      const connection = await roles.connect(this.#context);
      await assertStaysGone(connection);
      return connection;
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
    const waitMs = backOffMs(reconnect, this.#failures++, () => this.#context.random.number());
    const leftMs = this.#endMs - this.#field.clock.now();
    if (leftMs <= waitMs) return false;
    await this.#context.sleep(waitMs);
    return true;
  }

  /** Errors: what the role that joins throws, where nothing comes after it. */
  async #stay(connection: AnyConnection): Promise<HowItEnded> {
    const { deliveries, plan, countException } = this.#field;
    const stay = new Stay();
    const unlisten = this.#listen(connection, stay);
    void this.#joinAll(connection, stay);
    const how = await stay.ended;
    unlisten();
    deliveries.change(this.#index, this.#rooms, how === 'over' ? 'left' : how);
    if (how === 'over' || how === 'unjoined') await connection.close();
    else if (how === 'cut') this.#tear(connection);
    if (stay.thrown !== undefined) {
      if (plan.reconnect === undefined) throw stay.thrown.error;
      countException(stay.thrown.error);
    }
    return how;
  }

  /** Returns what takes everything away that it has set up. */
  #listen(connection: AnyConnection, stay: Stay): () => void {
    const { clock, roles, deliveries } = this.#field;
    const context = { data: this.#context.data, subscriber: this.#context.subscriber };
    const at = (atMs: number, how: HowItEnded): TimerHandle =>
      clock.after(Math.max(0, atMs - clock.now()), () => {
        stay.end(how);
      });
    const timers = [at(this.#endMs, 'over')];
    // Who comes after the storm has missed it.
    if (this.#stormMs !== Infinity && this.#stormMs > clock.now()) timers.push(at(this.#stormMs, 'cut'));
    const undo = [
      onEachMessage(connection, (message) => {
        deliveries.received(this.#index, roles.receive(message, context), message.receivedMs);
      }),
      onceClosed(connection, () => {
        stay.end('lost');
      }),
    ];
    return () => {
      for (const each of undo) each();
      for (const timer of timers) timer.cancel();
    };
  }

  /** Ends the stay where a join comes to nothing. */
  async #joinAll(connection: AnyConnection, stay: Stay): Promise<void> {
    try {
      const isIn = await this.#joinRooms(connection, stay);
      if (stay.how !== undefined) return;
      if (isIn) this.#arrivedBack();
      else if (connection.isOpen) stay.end('unjoined');
      else {
        // It went meanwhile, or before anybody listened for that.
        await connection.close();
        stay.end('lost');
      }
    } catch (error) {
      stay.end('unjoined', { error });
    }
  }

  /** Rooms count as joined when the role that joins them resolves; without one, at once. false: one of them was not. */
  async #joinRooms(connection: AnyConnection, stay: Stay): Promise<boolean> {
    if (!connection.isOpen) return false;
    const { join, joinAll } = this.#field.roles;
    const { subscriber } = this.#context;
    const rooms = this.#rooms;
    const context = <Extra extends object>(extra: Extra) =>
      roleContext(this.#context, { subscriber, socket: connection, ...extra });
    if (joinAll !== undefined) return this.#join(connection, stay, rooms, () => joinAll(context({ rooms })));
    if (join === undefined) {
      this.#field.deliveries.change(this.#index, rooms, 'requested');
      this.#field.deliveries.change(this.#index, rooms, 'joined');
      return true;
    }
    for (const room of rooms) {
      if (!(await this.#join(connection, stay, [room], () => join(context({ room }))))) return false;
    }
    return true;
  }

  /** One request of the series 'join'. false: it did not come to be acknowledged. Errors: what the role throws, and a refusal. */
  async #join(
    connection: AnyConnection,
    stay: Stay,
    rooms: readonly number[],
    join: () => Promise<unknown>,
  ): Promise<boolean> {
    if (!connection.isOpen) return false;
    const { deliveries } = this.#field;
    deliveries.change(this.#index, rooms, 'requested');
    let isJoined = false;
    await connection.step('join', async () => {
      const answer = await Promise.race([join(), stay.unacknowledged()]);
      // One that is acknowledged after its time is of no stay any more.
      if (stay.how !== undefined) return;
      if (isRefusal(answer)) throw new Error(`join was refused: ${reasonOf(answer) ?? 'the answer gives no reason'}`);
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
