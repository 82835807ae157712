// A screen that nobody touches: its clock goes by itself, and it says so when no news comes.
(function () {
  "use strict";
  var wall = document.getElementById("wall");
  if (!wall) return;
  var clock = document.getElementById("clock"), lost = document.getElementById("lost");
  var LOST_MS = 30000;
  var heard = Date.now();
  var zone = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: wall.dataset.zone };

  function said(at) {
    try {
      var text = new Intl.DateTimeFormat("en-GB", zone).format(at);
      return document.documentElement.lang === "en" ? text : text.replace(":", ".");
    } catch (error) {
      return clock.textContent;
    }
  }
  function look() {
    var now = Date.now();
    clock.textContent = said(now);
    // a screen that slept hears anew before it is believed, and a clock set back counts as silence
    var old = Math.abs(now - heard) > LOST_MS;
    if (old === lost.hidden) {
      lost.hidden = !old;
      wall.classList.toggle("stale", old);
      if (old) lost.querySelector("b").textContent = lost.dataset.text.replace("{time}", said(heard));
    }
  }
  document.addEventListener("heard", function () { heard = Date.now(); look(); });
  setInterval(look, 1000);
  look();
})();
