// Keeps a page true: on news from /live it fetches the page again and swaps the parts that changed.
(function () {
  "use strict";
  var root = document.querySelector("[data-live]");
  if (!root || !window.EventSource || !window.DOMParser) return;
  var fresh = document.getElementById("fresh");
  var last = "", lost = 0, waiting = 0, fetchedAt = Date.now() - 3000, busy = false, held = false;
  // ages and numbers grow old even where no state changes
  var SPACING_MS = 3000, LOST_MS = 15000, AGAIN_MS = 60000;

  function say(kind) {
    if (!fresh) return;
    fresh.classList.toggle("late", kind !== "live");
    fresh.lastElementChild.textContent = fresh.getAttribute("data-" + kind + "-text").replace("{time}", last || "-");
  }
  function beat() {
    clearTimeout(lost);
    lost = setTimeout(function () { say("lost"); }, LOST_MS);
  }
  // The first news is shown at once, a flood at most every few seconds, and not all screens together.
  function refresh() {
    if (waiting) return;
    var due = Math.max(0, fetchedAt + SPACING_MS - Date.now()) + Math.random() * 400;
    waiting = setTimeout(load, due);
  }
  function load() {
    waiting = 0;
    if (busy || held || document.hidden) { waiting = setTimeout(load, 500); return; }
    busy = true;
    fetchedAt = Date.now();
    fetch(location.href, { credentials: "same-origin" }).then(function (answer) {
      if (answer.redirected) { location.reload(); throw new Error("signed out"); }
      if (!answer.ok) throw new Error("status " + answer.status);
      return answer.text();
    }).then(swap).catch(function () { say("lost"); }).then(function () { busy = false; });
  }
  function swap(text) {
    var page = new DOMParser().parseFromString(text, "text/html");
    var focused = document.activeElement && document.activeElement.getAttribute("href");
    document.querySelectorAll("[data-part]").forEach(function (old) {
      var now = page.getElementById(old.id);
      if (!now || now.isEqualNode(old) || old.matches("[data-calm]:hover")) return;
      mark(old, now);
      old.replaceWith(document.adoptNode(now));
    });
    document.dispatchEvent(new Event("swapped"));
    if (focused) {
      document.querySelectorAll("a[href]").forEach(function (link) {
        if (link.getAttribute("href") === focused && document.activeElement === document.body) link.focus({ preventScroll: true });
      });
    }
  }
  function mark(old, now) {
    var was = {};
    old.querySelectorAll("[data-key]").forEach(function (row) { was[row.dataset.key] = row.dataset.is; });
    now.querySelectorAll("[data-key]").forEach(function (row) {
      if (row.dataset.is !== was[row.dataset.key]) row.classList.add("is-new");
    });
  }
  document.addEventListener("pointerdown", function () { held = true; });
  ["pointerup", "pointercancel"].forEach(function (name) {
    document.addEventListener(name, function () { held = false; });
  });
  document.addEventListener("visibilitychange", function () { if (!document.hidden && !waiting) refresh(); });

  var source = new EventSource(root.getAttribute("data-live"));
  source.addEventListener("hello", function (event) {
    beat();
    if (JSON.parse(event.data).rev !== root.getAttribute("data-rev")) refresh();
  });
  source.addEventListener("changed", function () { beat(); refresh(); });
  source.addEventListener("tick", function (event) {
    var tick = JSON.parse(event.data);
    beat();
    last = document.documentElement.lang === "en" ? tick.time.replace(/\./g, ":") : tick.time;
    say(tick.late ? "late" : "live");
    if (Date.now() - fetchedAt > AGAIN_MS + Math.random() * 5000) refresh();
  });
  source.onerror = function () { if (source.readyState === 2) say("lost"); };
})();
