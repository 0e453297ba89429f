// What a hub costs, for those who have to choose a machine: memory for each card and for each connection, with TLS and without, and
// how much one processor answers.
//
// Rates are told for one second of the hub's processor time, so that it is the hub that is measured and not whatever else the
// machine does.

import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectEncrypted } from 'node:tls'
import { Hub, signedCard } from '../tests/browser/hub.mjs'
import { options, say } from './browser/session.mjs'
import { usedBy } from './side-by-side/processor.mjs'

const { cards, connections, seconds, json } = options({ cards: 1000, connections: 2000, seconds: 5 })
const MANY = ['--max-connections', '30000', '--max-connections-per-address', '30000', '--max-channels', '20000']
/** Requests that are under way at the same time. */
const AT_ONCE = 32

/** @type {(() => unknown)[]} */
const ends = []
const folder = mkdtempSync(join(tmpdir(), 'lot-hub-'))
ends.push(() => rmSync(folder, { recursive: true, force: true }))
try {
  /** @type {Record<string, unknown>[]} */
  const rows = []
  const plain = await Hub.run({ after: end => ends.push(end) }, { more: MANY })
  rows.push(await listing(plain))
  for (const path of ['', 'live/', 'catalogue.json?most=200', 'catalogue.rss?most=200', `catalogue/${firstChannel()}.jpg`, 'health']) {
    rows.push(await asking(plain, path))
  }
  const [chain, key] = certificate()
  const encrypted = await Hub.run({ after: end => ends.push(end) }, { more: [...MANY, '--tls-cert', chain, '--tls-key', key] })
  rows.push(await shaking(encrypted))
  for (const [name, hub] of /** @type {const} */ ([['plain', plain], ['TLS', encrypted]])) rows.push(await staying(hub, name))
  say(rows.map(row => ({ ...row, load: Math.round(10 * loadavg()[0]) / 10 })), json)
} finally {
  for (const end of ends.reverse()) await end()
}

/** Cards with pictures as streamers send them. @param {Hub} hub */
async function listing (hub) {
  const file = join(folder, 'picture.jpg')
  execFileSync('ffmpeg', ['-loglevel', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=320x180,noise=alls=12', '-frames:v', '1', '-q:v', '6', file])
  const thumbnail = readFileSync(file)
  const description = 'What it is about, in some words. '.repeat(8)
  const empty = memory(hub.pid)
  const before = usedBy([hub.pid])
  for (let channel = 0; channel < cards; channel++) {
    const said = { title: `Channel ${channel}`, author: 'Somebody', viewers: channel, category: 'music', description, keywords: ['one', 'two'], thumbnail }
    // Ten channels may come from one address.
    await hub.list(signedCard(channel, said), `127.0.${1 + Math.floor(channel / 2000)}.${1 + Math.floor(channel / 10) % 200}`)
  }
  const used = usedBy([hub.pid]) - before
  return {
    what: `cards, each with a picture of ${Math.round(thumbnail.length / 1024)} KB`,
    number: cards,
    'a CPU second': Math.round(cards / used),
    'KB each': Math.round((memory(hub.pid) - empty) / cards / 102.4) / 10
  }
}

function firstChannel () {
  return signedCard(0, {}).subarray(0, 32).toString('base64url')
}

/** The same request again and again, by connections that stay. @param {Hub} hub @param {string} path */
async function asking (hub, path) {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  const url = `${hub.url}${path}`
  let [answers, bytes] = [0, 0]
  const before = usedBy([hub.pid])
  const until = Date.now() + 1000 * seconds
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (Date.now() < until) {
      const asked = request(url, { agent, headers: { 'Accept-Encoding': 'gzip' } })
      asked.end()
      const [response] = await once(asked, 'response')
      if (response.statusCode !== 200) throw new Error(`${url} answers ${response.statusCode}`)
      for await (const chunk of response) bytes += chunk.length
      answers++
    }
  }))
  agent.destroy()
  const used = usedBy([hub.pid]) - before
  return { what: `GET /${path.replace(/\/[\w-]{43}/, '/KEY')}`, number: answers, 'a CPU second': Math.round(answers / used), 'KB each': Math.round(bytes / answers / 102.4) / 10 }
}

/** New connections with TLS, each for one request. @param {Hub} hub */
async function shaking (hub) {
  let answers = 0
  const before = usedBy([hub.pid])
  const until = Date.now() + 1000 * seconds
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (Date.now() < until) {
      const socket = await open(hub)
      socket.write('GET /health HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n')
      socket.resume()
      await once(socket, 'close')
      answers++
    }
  }))
  const used = usedBy([hub.pid]) - before
  return { what: 'new connections with TLS 1.3 (P-256)', number: answers, 'a CPU second': Math.round(answers / used) }
}

/** Peers at the tracker who have nothing to say. @param {Hub} hub @param {string} name */
async function staying (hub, name) {
  const empty = memory(hub.pid)
  const sockets = []
  for (let peer = 0; peer < connections; peer += AT_ONCE) {
    sockets.push(...await Promise.all(Array.from({ length: Math.min(AT_ONCE, connections - peer) }, () => meet(hub))))
  }
  const full = memory(hub.pid)
  for (const socket of sockets) socket.destroy()
  return { what: `peers at the tracker, ${name}`, number: connections, 'KB each': Math.round((full - empty) / connections / 102.4) / 10 }
}

/** @param {Hub} hub */
async function meet (hub) {
  const socket = await open(hub)
  socket.write('GET /announce HTTP/1.1\r\nHost: hub\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`)
  await once(socket, 'data')
  const [swarm, peer] = [Math.floor(Math.random() * 20), randomBytes(10).toString('hex')]
  socket.write(frame(JSON.stringify({ action: 'announce', info_hash: String(swarm).padStart(20, '0'), peer_id: peer, numwant: 0, uploaded: 0, downloaded: 0, left: 1, event: 'started' })))
  await once(socket, 'data')
  return socket
}

/**
 * A text as a client sends it (RFC 6455, section 5.2), masked with zeros.
 * @param {string} text of at most 65,535 bytes
 */
function frame (text) {
  const head = Buffer.alloc(8)
  head[0] = 0x81
  head[1] = 0x80 | 126
  head.writeUInt16BE(text.length, 2)
  return Buffer.concat([head, Buffer.from(text)])
}

/** @param {Hub} hub */
async function open (hub) {
  const { protocol, hostname, port } = new URL(hub.url)
  if (protocol === 'http:') {
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    return socket
  }
  const socket = connectEncrypted({ port: Number(port), host: hostname, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  return socket
}

/** @returns {[string, string]} the files of a certificate and its key */
function certificate () {
  const [chain, key] = [join(folder, 'chain.pem'), join(folder, 'key.pem')]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', chain,
    '-days', '2', '-subj', '/CN=localhost'], { stdio: 'ignore' })
  return [chain, key]
}

/**
 * Bytes in memory.
 * @param {number} pid
 */
function memory (pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return 1024 * Number(/VmRSS:\s*(\d+)/.exec(status)?.[1])
}
