// Seeds by the stock `webtorrent` with its WebRTC addon, node-datachannel. The downloader is handed to it as a peer that
// a tracker would have found.

import { createInterface } from 'node:readline'
import Peer from '@thaunknown/simple-peer/lite.js'
import MemoryStore from 'memory-chunk-store'
import WebTorrent from 'webtorrent'

/** The torrent of src/wire.rs. */
const BYTES = 64 * 1024 * 1024
const PIECE = 256 * 1024

const client = new WebTorrent({ dht: false, lsd: false, utPex: false, natUpnp: false, natPmp: false, tracker: false })
client.on('error', (/** @type {Error} */ error) => { throw error })
const data = Buffer.alloc(BYTES)
for (let at = 0; at < BYTES; at++) data[at] = Math.floor(at / 7)
const options = { name: 'torrent', pieceLength: PIECE, announce: [], store: MemoryStore, private: true }
const torrent = await new Promise(resolve => client.seed(data, options, resolve))

createInterface({ input: process.stdin }).on('line', line => {
  const { offer } = JSON.parse(line)
  const peer = new Peer({ initiator: false, trickle: false, config: { iceServers: [] } })
  peer.on('signal', (/** @type {{ sdp: string }} */ { sdp }) => console.log(JSON.stringify({ answer: sdp, info_hash: torrent.infoHash })))
  peer.id = 'downloader'
  torrent.addPeer(peer)
  peer.signal({ type: 'offer', sdp: offer })
}).on('close', () => process.exit(0))
