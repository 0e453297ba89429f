// What the piece map shows, on a clock of the tests' own.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PIECE, PieceHistory } from '../../assets/viewer/swarm/piece-history.js'

const BROADCAST = { broadcast: '1', segmentMillis: 250 }

/** @param {...[number, number[]]} segments */
function pieces (...segments) {
  return () => segments.map(([number, states]) => ({ number, pieces: Uint8Array.from(states) }))
}

test('a piece that was on its way is what it has become', () => {
  const history = new PieceHistory()
  history.update(0, BROADCAST, true, pieces([7, [PIECE.fromStreamer, PIECE.coming]]))
  assert.deepEqual(history.counts(), { missing: 0, coming: 1, fromStreamer: 1, fromViewer: 0 })
  history.update(200, BROADCAST, true, pieces([7, [PIECE.fromStreamer, PIECE.fromViewer]]))
  assert.deepEqual(history.counts(), { missing: 0, coming: 0, fromStreamer: 1, fromViewer: 1 })
})

test('a minute is remembered, and no more', () => {
  const history = new PieceHistory()
  for (let number = 0; number < 500; number++) {
    history.update(number * 250, BROADCAST, true, pieces([number, [PIECE.fromViewer]]))
  }
  assert.equal(history.capacity, 240)
  assert.equal(history.columns().length, 240)
})

test('a segment that was never heard of is missing', () => {
  const history = new PieceHistory()
  history.update(0, BROADCAST, true, pieces([3, [PIECE.fromStreamer]], [5, [PIECE.fromStreamer]]))
  assert.deepEqual(history.columns().map(([state]) => state), [PIECE.fromStreamer, PIECE.missing, PIECE.fromStreamer])
})

test('while nobody looks it is read now and then only', () => {
  const history = new PieceHistory()
  let reads = 0
  const read = () => {
    reads += 1
    return []
  }
  for (let now = 0; now < 20_000; now += 200) history.update(now, BROADCAST, false, read)
  assert.equal(reads, 4)
})

test('another broadcast begins another map', () => {
  const history = new PieceHistory()
  history.update(0, BROADCAST, true, pieces([900, [PIECE.fromStreamer]]))
  history.update(1, { ...BROADCAST, broadcast: '2' }, true, pieces([0, [PIECE.fromViewer]]))
  assert.deepEqual(history.columns(), [Uint8Array.of(PIECE.fromViewer)])
})
