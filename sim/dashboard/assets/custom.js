/* When the connection is lost (a laptop that slept, a network that went away), try again as soon as the server answers.
   Where it has forgotten this visitor by then, the page opens again from its link. */
const watching = setInterval(() => {
  const kernel = window.solara?.debug?.kernel()
  if (!kernel) return
  clearInterval(watching)
  const isLost = () => kernel.connectionStatus !== "connected"
  kernel.connectionStatusChanged.connect(() => dispatchEvent(new CustomEvent("spiraal.connection", { detail: { lost: isLost() } })))
  setInterval(async () => {
    if (!isLost()) return
    const answer = await fetch("/readyz", { cache: "no-store" }).catch(() => null)
    if (answer?.ok && isLost()) kernel.reconnect()
  }, 3000)
}, 200)
