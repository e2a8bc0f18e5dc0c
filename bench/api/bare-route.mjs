/** A Fastify server that does nothing but send one text: what the reference API's cached answers are held against. */
import { fastify } from 'fastify';

const app = fastify();
const body = process.env.BODY ?? '{}';
app.get('/', (_request, reply) => reply.header('content-type', 'application/json; charset=utf-8').send(body));
await app.listen({ port: Number(process.argv[2]), host: '127.0.0.1' });
