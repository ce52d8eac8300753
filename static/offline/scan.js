// The button that begins a scan: it shows where a camera can be used, and else says why it cannot.

const button = document.getElementById("scan-open");

if (!isSecureContext) document.getElementById("scan-insecure").hidden = false;
else if (navigator.mediaDevices?.getUserMedia && window.Worker && window.OffscreenCanvas) {
  document.getElementById("scan").hidden = false;
  // What scanning needs is fetched when somebody scans.
  button.addEventListener("click", async () => (await import("./scanner.js")).scan());
}
