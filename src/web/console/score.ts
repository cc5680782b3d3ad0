/** One decimal, cut and not rounded: a resource with a failing row never reads 100. */
export function scoreText(score: number): string {
  return (Math.floor(score * 10) / 10).toFixed(1)
}
