// What the other schemes' sources have in common: the stream comes on standard input, a page and a tracker are served,
// and figures are said once a second as JSON lines, as the program itself says them.

import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Server as Tracker } from 'bittorrent-tracker'

const PAGES = fileURLToPath(new URL('pages/', import.meta.url))
const PACKAGES = fileURLToPath(new URL('../node_modules/', import.meta.url))
const TYPES = /** @type {Record<string, string>} */ ({ html: 'text/html', js: 'text/javascript', mjs: 'text/javascript' })

/** A file of an npm package, for pages that import it as it is published. @param {string} path */
export function packaged (path) {
  return join(PACKAGES, path)
}

/** The stock WebTorrent tracker. @returns {Promise<string>} its address */
export async function startTracker () {
  const tracker = new Tracker({ http: false, udp: false, ws: true, stats: false })
  await new Promise(resolve => tracker.listen(0, '127.0.0.1', () => resolve(undefined)))
  return `ws://127.0.0.1:${/** @type {{ port: number }} */ (tracker.ws.address()).port}`
}

export class Origin {
  /** What of the stream, and of the lists that lead to it, was sent over HTTP. */
  sentBytes = 0
  /** What there was of the stream. */
  streamBytes = 0
  /** @type {Map<string, { body: () => Buffer | undefined, type: string, counted: boolean }>} */
  #served = new Map()
  #server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://origin')
    const found = this.#served.get(pathname)
    const body = found?.body()
    if (found === undefined || body === undefined) {
      response.writeHead(404).end()
      return
    }
    if (found.counted) this.sentBytes += body.length
    response.writeHead(200, {
      'content-type': found.type,
      'content-length': body.length,
      'cache-control': 'no-store',
      'access-control-allow-origin': '*'
    }).end(body)
  })

  /** A file of the page: not counted, every scheme has one. @param {string} path @param {string} file */
  file (path, file) {
    const body = readFileSync(dirname(file) === '.' ? join(PAGES, file) : file)
    this.#served.set(path, { body: () => body, type: TYPES[file.split('.').at(-1) ?? ''] ?? 'text/plain', counted: false })
  }

  /** A part of the stream, or a list. @param {string} path @param {string} type @param {() => Buffer | undefined} body */
  data (path, type, body) {
    this.#served.set(path, { body, type, counted: true })
  }

  /** @param {string} path */
  forget (path) {
    this.#served.delete(path)
  }

  /** @returns {Promise<string>} the page's address */
  async listen () {
    await new Promise(resolve => this.#server.listen(0, '127.0.0.1', () => resolve(undefined)))
    return `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (this.#server.address()).port}/`
  }
}

/** @param {Record<string, unknown>} report */
export function say (report) {
  console.log(JSON.stringify(report))
}

/**
 * Says figures until the stream is over, then ends the process.
 * @param {() => { stream_bytes: number, uploaded_bytes: number }} figures
 */
export function sayFigures (figures) {
  setInterval(() => say({ event: 'stats', ...figures() }), 1000)
  process.stdin.on('end', () => process.exit(0))
}
