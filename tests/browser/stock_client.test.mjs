// A stock WebTorrent client, as npm has it, that opens the magnet link of a segment.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { build } from 'esbuild'
import { App, Channel, PROGRAM, SMALL_PICTURE } from './app.mjs'
import { openChromium } from './browsers.mjs'

/** For what takes a second or two on an idle machine. */
const PATIENCE_MS = 40_000

/** The stock client as a page loads it. */
const clientScript = build({
  stdin: {
    contents: "import WebTorrent from 'webtorrent/dist/webtorrent.min.js'; globalThis.WebTorrent = WebTorrent",
    resolveDir: import.meta.dirname
  },
  bundle: true,
  write: false,
  logLevel: 'error'
}).then(result => result.outputFiles[0].text)

const channel = new Channel()
/** @type {Awaited<ReturnType<typeof openChromium>>} */
let browser
before(async () => { browser = await openChromium() })
after(async () => {
  await browser?.close()
  channel.remove()
})

/**
 * The next segments as `watch --list-segments` lists them.
 * @param {{ after: (end: () => unknown) => void }} context
 * @param {string} link
 * @param {number} count
 * @returns {Promise<{ number: number, bytes: number, info_hash: string, magnet: string }[]>}
 */
async function listedSegments (context, link, count) {
  const watch = spawn(PROGRAM, ['watch', link, '--list-segments', '--json'], { stdio: ['ignore', 'pipe', 'inherit'] })
  context.after(() => watch.kill('SIGKILL'))
  const segments = []
  for await (const line of createInterface({ input: watch.stdout })) {
    const said = JSON.parse(line)
    if (said.event === 'segment') segments.push(said)
    if (segments.length === count) return segments
  }
  throw new Error('too few segments were listed')
}

/**
 * Downloads a magnet link with the stock client.
 * @param {string} origin a page of this computer's: browsers hash only there
 * @param {string} magnet
 */
async function download (origin, magnet) {
  const page = await browser.newPage({ bypassCSP: true })
  page.setDefaultTimeout(PATIENCE_MS)
  await page.goto(new URL('/health', origin).href)
  await page.addScriptTag({ content: await clientScript })
  return page.evaluate(magnet => new Promise((resolve, reject) => {
    const client = new /** @type {any} */ (globalThis).WebTorrent()
    client.on('error', reject)
    client.add(magnet, (/** @type {any} */ torrent) => {
      torrent.on('done', async () => {
        const [file] = torrent.files
        const bytes = new Uint8Array(await (await file.blob()).arrayBuffer())
        resolve({
          infoHash: torrent.infoHash, files: torrent.files.length, name: file.name, length: bytes.length,
          box: String.fromCharCode(...bytes.subarray(4, 8))
        })
        client.destroy()
      })
    })
  }), magnet)
}

for (const [told, limit] of /** @type {[string, string[]][]} */ ([
  ['', []],
  [', also where it gets a part of the upload limit', ['--upload-limit', '4M']]
])) {
  test(`a stock client that opens a segment’s magnet link downloads exactly that segment${told}`, async context => {
    const app = await App.live(context, channel, { ...SMALL_PICTURE, details: ['--announce-segments', ...limit] })
    // One that begins a group of pictures, and one that does not.
    for (const segment of await listedSegments(context, app.link, 2)) {
      assert.ok(segment.magnet.startsWith(`magnet:?xt=urn:btih:${segment.info_hash}&tr=`), segment.magnet)
      const got = /** @type {any} */ (await download(app.link, segment.magnet))
      assert.equal(got.infoHash, segment.info_hash)
      assert.equal(got.length, segment.bytes)
      assert.equal(got.files, 1)
      // What a segment begins with: its type, or its fragment.
      assert.ok(['styp', 'moof'].includes(got.box), got.box)
    }
    await app.stop()
  })
}
