// One way to draw plots: the tokens' palette, system fonts, no animation for those who ask for none.
import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import { init, use, type EChartsCoreOption } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { formatNumber } from './i18n'

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer])

export interface ChartData {
  kind: 'bar' | 'line' | 'none'
  title: string
  x: { name: string; values: string[] } | null
  series: { name: string; values: (number | null)[] }[]
  reason?: string
}

const longLabel = 5
const manyBars = 8
const barsAtUsualHeight = 12
const barHeight = 26

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

export function palette(): string[] {
  return [1, 2, 3, 4, 5, 6, 7].map((index) => token(`--chart-${index}`))
}

/** Long or many names read better beside lying bars than under standing ones. */
function lies(data: ChartData): boolean {
  const names = data.x?.values ?? []
  return data.kind === 'bar' && (names.length > manyBars || names.some((name) => name.length > longLabel))
}

function options(data: ChartData, width: number): EChartsCoreOption {
  const names = data.x?.values ?? []
  const lying = lies(data)
  const ink = token('--ink-2')
  const line = token('--line')
  const category = {
    type: 'category',
    data: names,
    inverse: lying,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: token('--line-strong') } },
    axisLabel: {
      color: ink,
      hideOverlap: !lying,
      interval: lying ? 0 : undefined,
      width: lying ? Math.min(140, width * 0.35) : undefined,
      overflow: 'truncate',
    },
  }
  const value = {
    type: 'value',
    splitNumber: 4,
    splitLine: { lineStyle: { color: line } },
    axisLabel: { color: ink, formatter: (amount: number) => formatNumber(amount) },
  }
  return {
    color: palette(),
    animation: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    textStyle: { fontFamily: token('--font') },
    grid: { left: 8, right: 24, top: data.series.length > 1 ? 40 : 16, bottom: 8, containLabel: true },
    legend: data.series.length > 1 ? { top: 0, left: 0, textStyle: { color: ink } } : undefined,
    tooltip: {
      trigger: 'axis',
      axisPointer: { type: data.kind === 'bar' ? 'shadow' : 'line' },
      confine: true,
      valueFormatter: (amount: unknown) => (typeof amount === 'number' ? formatNumber(amount) : '—'),
    },
    xAxis: lying ? value : category,
    yAxis: lying ? category : value,
    series: data.series.map((series) => ({
      name: series.name,
      type: data.kind === 'bar' ? 'bar' : 'line',
      data: series.values,
      barMaxWidth: 28,
      showSymbol: names.length <= 40,
      symbolSize: 6,
      lineStyle: { width: 2 },
    })),
  }
}

/** Draws into `place` and follows its size; the returned function takes the chart away. */
export function drawChart(place: HTMLElement, data: ChartData): () => void {
  const bars = data.x?.values.length ?? 0
  if (lies(data) && bars > barsAtUsualHeight) {
    place.style.height = `${(bars + 1) * barHeight}px` // every bar keeps its name
  }
  const chart = init(place)
  chart.setOption(options(data, place.clientWidth))
  const watcher = new ResizeObserver(() => chart.resize())
  watcher.observe(place)
  return () => {
    watcher.disconnect()
    chart.dispose()
  }
}
