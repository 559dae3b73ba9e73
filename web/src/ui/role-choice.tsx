import { useTranslation } from 'react-i18next'
import { Choices } from './field'

/** A role out of several, each with what it may do. */
export function RoleChoice<Role extends 'owner' | 'manager' | 'seller' | 'door' | 'auditor' | 'analyst'>({
  roles,
  value,
  onChange,
}: {
  roles: readonly Role[]
  value: Role
  onChange: (role: Role) => void
}) {
  const { t } = useTranslation()
  return (
    <Choices
      legend={t('role.legend')}
      columns
      value={value}
      onChange={onChange}
      options={roles.map((role) => ({
        value: role,
        label: t(`role.${role}.name`),
        hint: t(`role.${role}.may`),
      }))}
    />
  )
}
