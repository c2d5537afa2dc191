/**
 * A provider of OpenID Connect for tests of the single sign-on, on this machine and with people that are made up.
 *
 * It tells its address in one line on standard output. `POST /who` with `{ "account": {claims} }` says who is at the
 * browser: whoever comes next is signed in as them without being asked. `null` lets nobody in.
 */

import http from 'node:http';
import https from 'node:https';
import { readFileSync } from 'node:fs';
import { generateKeyPairSync } from 'node:crypto';
import { Provider } from 'oidc-provider';

const redirect = process.argv[2] ?? 'http://127.0.0.1:8080/api/session/sso/return';
/** With a certificate and its key it speaks TLS and calls itself localhost. */
const [certificate, certificateKey] = process.argv.slice(3);

/** A key that may be exchanged for another one while the provider runs. */
const key = (kid) => ({ ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' });

let who = null;

const configuration = {
  clients: [{ client_id: 'onemap', client_secret: 'a-secret-for-tests-only', redirect_uris: [redirect] }],
  jwks: { keys: [key('first')] },
  cookies: { keys: ['cookies for tests only'] },
  claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'groups', 'streets'] },
  features: { devInteractions: { enabled: false } },
  pkce: { required: () => true },
  findAccount: (_ctx, id) => (who && who.sub === id ? { accountId: id, claims: () => who } : undefined),
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  // Nobody is asked whether the map may know who they are.
  async loadExistingGrant(ctx) {
    const { client, session } = ctx.oidc;
    const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope('openid profile');
    await grant.save();
    return grant;
  },
};

const server = certificate ? https.createServer({ cert: readFileSync(certificate), key: readFileSync(certificateKey) }) : http.createServer();
server.listen(0, '127.0.0.1', () => {
  const address = `${certificate ? 'https://localhost' : 'http://127.0.0.1'}:${server.address().port}`;
  const provider = new Provider(address, configuration);
  const callback = provider.callback();
  server.on('request', async (request, response) => {
    try {
      if (request.method === 'POST' && request.url === '/who') {
        const parts = [];
        for await (const part of request) parts.push(part);
        who = JSON.parse(Buffer.concat(parts).toString()).account;
        response.writeHead(204).end();
      } else if (request.url.startsWith('/interaction/')) {
        const result = who ? { login: { accountId: who.sub } } : { error: 'access_denied' };
        await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
      } else {
        callback(request, response);
      }
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  process.stdout.write(`${address}\n`);
});
