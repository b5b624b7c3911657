// Counters that change while the page is looked at. Without this script the page is whole,
// and as old as it says.
"use strict";
(function () {
  var of = document.querySelector("[data-stream]");
  if (!of || !window.EventSource) return;
  var stale = document.getElementById("stale");
  var source = new EventSource(of.getAttribute("data-stream"));
  source.onmessage = function (event) {
    var numbers = JSON.parse(event.data);
    document.querySelectorAll("[data-live]").forEach(function (cell) {
      var text = numbers[cell.getAttribute("data-live")];
      if (text !== undefined && cell.textContent !== text) cell.textContent = text;
    });
    if (stale) stale.hidden = true;
  };
  source.onopen = function () { if (stale) stale.hidden = true; };
  source.onerror = function () { if (stale) stale.hidden = false; };
})();
