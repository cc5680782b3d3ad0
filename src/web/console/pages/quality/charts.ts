import { t } from '@shared/i18n'
import type { DimensionScore } from '../../api/quality'
import { scoreText } from '../../score'
import { dimensions, word } from '../../words'

const css = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
/** Bounds of 差 低 中 良 优. */
const bands: [number, string][] = [
  [0.6, '#b3311d'],
  [0.7, '#b97a00'],
  [0.85, '#d0a94a'],
  [0.95, '#4f97c9'],
  [1, '#133f73'],
]

export function gauge(score: number) {
  return {
    aria: { enabled: true },
    series: [
      {
        type: 'gauge',
        radius: '95%',
        center: ['50%', '58%'],
        startAngle: 200,
        endAngle: -20,
        axisLine: { lineStyle: { width: 12, color: bands } },
        axisTick: { show: false },
        splitLine: { show: false },
        axisLabel: { show: false },
        pointer: { width: 4, length: '62%', itemStyle: { color: css('--ink') } },
        detail: {
          formatter: scoreText,
          offsetCenter: [0, '58%'],
          color: css('--ink'),
          fontSize: 30,
          fontWeight: 600,
        },
        data: [{ value: score }],
      },
    ],
  }
}

/** Only dimensions that were judged: an unjudged one is neither 100 nor 0. */
export function bars(scores: DimensionScore[]) {
  const judged = scores.filter((one) => one.score !== null && one.judged > 0)
  return {
    aria: { enabled: true },
    grid: { left: 8, right: 48, top: 8, bottom: 8, containLabel: true },
    tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' } },
    xAxis: { type: 'value', min: 0, max: 100, splitLine: { lineStyle: { color: css('--line') } } },
    yAxis: {
      type: 'category',
      inverse: true,
      data: judged.map((one) => one.name || word(dimensions, one.code)),
      axisTick: { show: false },
      axisLabel: { color: css('--ink') },
    },
    series: [
      {
        name: t('得分', 'Score'),
        type: 'bar',
        barMaxWidth: 18,
        itemStyle: { color: css('--chart-1'), borderRadius: [0, 3, 3, 0] },
        label: {
          show: true,
          position: 'right',
          formatter: ({ value }: { value: number }) => scoreText(value),
        },
        data: judged.map((one) => one.score),
      },
    ],
  }
}
