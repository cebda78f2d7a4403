// The phone's position goes along with a report where its owner allows it; without it the report goes all the same.
"use strict";
(() => {
  const form = document.querySelector("[data-position] form");
  if (!form || !navigator.geolocation) return;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      form.elements.lat.value = coords.latitude.toFixed(5);
      form.elements.lng.value = coords.longitude.toFixed(5);
    },
    () => {},
    { enableHighAccuracy: true, maximumAge: 60000, timeout: 20000 },
  );
})();
