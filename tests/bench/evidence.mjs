export const evidenceInsert = () => ''
