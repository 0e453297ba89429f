// The timer of a tab that nobody sees: told how many milliseconds to wait, it answers after them. One at a time.

let timer = 0

onmessage = ({ data }) => {
  clearTimeout(timer)
  timer = setTimeout(() => postMessage(undefined), data)
}
