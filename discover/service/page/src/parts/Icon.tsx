const PATHS: Record<string, string> = {
  more: "M8 3v10M3 8h10",
  less: "M3 8h10",
  pin: "M6 2h4l-.5 4.500L12 9H4l2.500-2.500zM8 9v5",
  close: "M4 4l8 8M12 4l-8 8",
  picture: "M2 4h12v9H2zM2 11l3.500-3.500 3 3L11 8l3 3",
  download: "M8 2v8M4.500 7L8 10.500 11.500 7M3 13.500h10",
  play: "M5 3l8 5-8 5z",
  pause: "M5 3v10M11 3v10",
  search: "M7 2.500a4.500 4.500 0 100 9 4.500 4.500 0 000-9zM10.300 10.300L14 14",
  out: "M3 8h10M9 4l4 4-4 4",
};

export function Icon({ name }: { name: string }) {
  return <svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d={PATHS[name]} /></svg>;
}
