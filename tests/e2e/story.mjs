export const story = () => []
