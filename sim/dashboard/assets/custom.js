/* When the connection is lost (a laptop that slept, a network that went away), try again as soon as the server answers.
   Where it has forgotten this visitor by then, the page opens again from its link. */
(() => {
  let watched
  const tell = () => dispatchEvent(new CustomEvent("spiraal.connection", { detail: { lost: watched.connectionStatus !== "connected" } }))
  setInterval(async () => {
    const kernel = window.solara?.debug?.kernel()
    if (!kernel) return
    if (kernel !== watched) {
      watched = kernel
      kernel.connectionStatusChanged.connect(tell)
    }
    if (kernel.connectionStatus === "connected") return
    const answer = await fetch("/readyz", { cache: "no-store" }).catch(() => null)
    if (answer?.ok && kernel.connectionStatus !== "connected") kernel.reconnect()
  }, 3000)
})()
