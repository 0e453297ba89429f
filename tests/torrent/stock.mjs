// What npm's create-torrent makes of a segment's bytes, and what parse-torrent reads in our info dictionary of them. Reads
// and writes JSON: tests/torrent/main.rs is the other side.

import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import createTorrent from 'create-torrent'
import parseTorrent from 'parse-torrent'

const create = promisify(createTorrent)

/** @param {{ segment: string, info: string }} question */
async function answer ({ segment, info }) {
  const ours = await parseTorrent(Buffer.concat([Buffer.from('d4:info'), Buffer.from(info, 'hex'), Buffer.from('e')]))
  const file = Buffer.from(segment, 'hex')
  // Beside the pieces, a torrent's name is all that its maker chooses.
  Object.assign(file, { name: ours.name })
  const torrent = await create(file, { name: ours.name, pieceLength: ours.pieceLength, private: undefined })
  const stock = await parseTorrent(torrent)
  return { created: stock.infoHash, parsed: ours.infoHash, length: ours.length, pieces: ours.pieces.length }
}

const questions = JSON.parse(await text(process.stdin))
console.log(JSON.stringify(await Promise.all(questions.map(answer))))
