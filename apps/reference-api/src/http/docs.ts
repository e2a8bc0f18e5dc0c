/** OpenAPI 3.1, made from the schemas of the routes, and its page at /docs: no file of another host is loaded. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

export async function describeRoutes(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Model optimisation',
        description: 'The reference API of plimsoll: sessions that make models smaller and faster.',
        version: '0.1.0',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
      tags: [{ name: 'auth' }, { name: 'dashboard' }, { name: 'sessions' }, { name: 'config' }, { name: 'operation' }],
    },
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    // Behind a proxy without TLS a browser would ask for the page's own scripts by https, and get none.
    transformStaticCSP: (header) => header.replace(/\s*upgrade-insecure-requests;?/, ''),
    theme: { title: 'Model optimisation' },
  });
}
