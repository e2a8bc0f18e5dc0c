/** What a test file imports: `import { group, loadTest, constantVus } from 'plimsoll'`. */
import { registry } from './engine/registry.ts';

// The bundle writes the file's name into the registry before the first test of the file is declared.
registry();

export { abortTest, group, loadTest, metric } from './engine/registry.ts';
export { fanOut } from './engine/fan-out.ts';
export type { Counter, Rate as RateMetric, Trend } from './engine/registry.ts';
export { csv, json } from './input/data.ts';
export type { CsvOptions, DataOptions, DataSource, RowContext, RowOrder } from './input/data.ts';
export { defineConfig } from './model/config.ts';
export type { Config, LimitsConfig, ReporterName, ServeConfig, TargetConfig } from './model/config.ts';
export {
  constantArrivalRate,
  constantVus,
  perVuIterations,
  rampingArrivalRate,
  rampingVus,
  sharedIterations,
} from './model/load-model.ts';
export type {
  ArrivalOptions,
  ArrivalRate,
  ConstantVus,
  Duration,
  LoadModel,
  PerVuIterations,
  RampingVus,
  Rate,
  SharedIterations,
  Spacing,
  Stage,
  StageInput,
} from './model/load-model.ts';
export type { ConnectionPolicy, TlsPlan as TlsOptions } from './model/plan.ts';
export type {
  AnyConnection,
  Backoff,
  FanOutOptions,
  FanOutRoles,
  JoinAllContext,
  JoinContext,
  MessageOf,
  PublishContext,
  ReceiveContext,
  Received,
  Storm,
  Subscriber,
  SubscriberContext,
} from './model/fan-out.ts';
export type {
  Io,
  IoEvent,
  IoOptions,
  IoSocket,
  IoTransport,
  Reconnected,
  ReconnectOptions,
} from './model/socket-io.ts';
export type {
  ConnectOptions,
  NextOptions,
  OpenOptions,
  SendOptions,
  Socket,
  SocketEnd,
  SocketError,
  SocketMessage,
  SocketOptions,
  Ws,
} from './model/socket.ts';
export type { EventStream, Sse, SseOptions, StreamEvent, StreamReconnectOptions } from './model/sse.ts';
export type {
  CommonOptions,
  Http,
  HttpDefaults,
  HttpResponse,
  Iteration,
  Method,
  MultipartPart,
  Random,
  RequestError,
  RequestOptions,
  RequestTimings,
  ScenarioOptions,
  ScenariosOptions,
  SetupContext,
  SingleOptions,
  StepContext,
  TestContext,
  TestFunction,
  ThresholdInput,
  ThresholdOptions,
  Vu,
} from './model/suite.ts';
export type { Threshold } from './model/threshold.ts';
