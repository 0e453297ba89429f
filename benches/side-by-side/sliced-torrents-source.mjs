// The scheme that is replaced: each slice of the stream is a torrent of its own, and a list says which there are.
// `node sliced-torrents-source.mjs SECONDS < stream.mp4`

import MemoryStore from 'memory-chunk-store'
import WebTorrent from 'webtorrent'
import { Slicer } from './fragments.mjs'
import { Origin, packaged, say, sayFigures, startTracker } from './origin.mjs'

/** Slices that stand in the list; a page that joins begins with the newest. */
const LISTED = 6
/** Slices that are seeded: those in the list, and a few that a slow viewer may still be busy with. */
const SEEDED = 10

const length = Number(process.argv[2])
const tracker = await startTracker()
const origin = new Origin()
// No address off this machine is asked for anything.
const client = new WebTorrent({
  dht: false, lsd: false, natUpnp: false, natPmp: false, tracker: { rtcConfig: { iceServers: [] } }
})
client.on('error', (/** @type {Error} */ error) => console.error(`seeding: ${error}`))

/** @type {{ number: number, duration: number, torrent: string }[]} */
let listed = []
/** @typedef {{ torrentFile: Uint8Array, uploaded: number, destroy: () => void }} Torrent */
/** @type {Torrent[]} */
const seeded = []
/** By torrents that are not seeded any more. */
let uploadedBefore = 0
/** @type {Buffer | undefined} */
let init

const slicer = new Slicer(length, bytes => { init = bytes }, slice => {
  origin.streamBytes += slice.bytes.length
  const name = `${slice.number}.mp4`
  const options = { name, announce: [tracker], store: MemoryStore }
  client.seed(slice.bytes, options, (/** @type {Torrent} */ torrent) => {
    seeded.push(torrent)
    if (listed.length === 0) say({ event: 'live', link })
    // The whole torrent file is in the list: nobody has to ask for metadata first.
    const file = Buffer.from(torrent.torrentFile).toString('base64')
    listed = [...listed, { number: slice.number, duration: slice.duration, torrent: file }].slice(-LISTED)
    while (seeded.length > SEEDED) {
      const [old] = seeded.splice(0, 1)
      uploadedBefore += old.uploaded
      old.destroy()
    }
  })
})

origin.file('/', 'sliced-torrents.html')
origin.file('/sliced-torrents.js', 'sliced-torrents.js')
origin.file('/webtorrent.js', packaged('webtorrent/dist/webtorrent.min.js'))
origin.data('/init.mp4', 'video/mp4', () => init)
origin.data('/list', 'application/json', () => Buffer.from(JSON.stringify({ tracker, length, slices: listed })))
const link = await origin.listen()
process.stdin.on('data', bytes => slicer.push(/** @type {Buffer} */ (bytes)))
sayFigures(() => ({
  stream_bytes: origin.streamBytes,
  uploaded_bytes: origin.sentBytes + seeded.reduce((sum, torrent) => sum + torrent.uploaded, uploadedBefore)
}))
