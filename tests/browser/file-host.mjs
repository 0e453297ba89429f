// A web host that serves a folder's files under a path, and knows nothing else: as the plainest ones do, it has one type for
// everything that is not a page, a script or a style.

import { createReadStream, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { extname, join, normalize } from 'node:path'

/** @type {Record<string, string>} */
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }

/**
 * @param {{ after: (end: () => unknown) => void }} context the test's; the host ends with it
 * @param {string} folder
 * @param {string} path where the folder is, such as `/a/b/`
 * @returns {Promise<{ url: string, missed: string[] }>} the folder's address, and what was asked for in vain
 */
export async function hostFiles (context, folder, path) {
  /** @type {string[]} */
  const missed = []
  const server = createServer((request, response) => {
    const asked = new URL(request.url ?? '/', 'http://host').pathname
    const file = join(folder, normalize(asked.slice(path.length)) || 'index.html')
    const name = asked.endsWith('/') ? join(file, 'index.html') : file
    if (!asked.startsWith(path) || !statSync(name, { throwIfNoEntry: false })?.isFile()) {
      missed.push(asked)
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream' })
    createReadStream(name).pipe(response)
  })
  server.on('upgrade', (request, socket) => {
    missed.push(`socket ${request.url}`)
    socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => { server.close(); server.closeAllConnections() })
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return { url: `http://127.0.0.1:${port}${path}`, missed }
}
